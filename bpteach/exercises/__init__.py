"""The checks of the lessons' exercises: what is right is computed here, so that no answer stands in a lesson."""

from bpteach.exercises.judging import check, exercises

__all__ = ["check", "exercises"]
