"""The real command line in child processes, on logs that the tests write."""
