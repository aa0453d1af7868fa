"""The languages in which the samples of the tests are written."""

SAMPLE = ("pt", "es", "ru")
