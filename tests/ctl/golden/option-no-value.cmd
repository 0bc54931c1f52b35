status --socket
