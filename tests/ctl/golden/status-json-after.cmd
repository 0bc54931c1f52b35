status --json
