"""The tasks that are checked: a module for each chapter that has exercises."""
