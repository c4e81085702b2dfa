"""What `c360 doctor` examines: each part tells its findings and what is worrying about them."""
