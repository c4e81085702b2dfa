"""What people and shops write, brought into the one form that recognises somebody."""
