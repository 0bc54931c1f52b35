stauts
