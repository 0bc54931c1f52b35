metrics --json
