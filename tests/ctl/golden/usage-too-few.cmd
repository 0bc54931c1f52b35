explain tcp
