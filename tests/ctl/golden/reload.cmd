reload --confirm 60s
