events -n 3
