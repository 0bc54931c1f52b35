explain -- --json in tcp 80
