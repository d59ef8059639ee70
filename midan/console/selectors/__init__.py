"""What the console's pages show, each page one frozen value."""
