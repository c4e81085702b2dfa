"""What other systems tell us: one package a source, each turns deliveries into signals."""
