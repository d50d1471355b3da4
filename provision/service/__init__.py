"""The service: does what jobs say when they say it, each piece of work as a command in a process of its own."""
