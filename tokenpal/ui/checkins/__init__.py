"""What stands beside a check-in: the week's figures and the notes that can be inserted."""
