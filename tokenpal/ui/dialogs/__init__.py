"""Small windows that ask one thing. They give back a value; the page that opened them acts on it."""
