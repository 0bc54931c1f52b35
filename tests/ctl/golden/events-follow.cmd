events -n 1 --follow
