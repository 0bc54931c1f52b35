check a b
