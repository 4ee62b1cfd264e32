"""Libraries as earlier versions have left them; every later version opens each of them."""
