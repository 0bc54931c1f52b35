check /dev/stdin
