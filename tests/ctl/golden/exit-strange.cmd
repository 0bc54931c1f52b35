confirm
