events -n3
