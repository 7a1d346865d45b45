"""Settings of nbgrader. It looks for them where it is started: in this folder, the course."""

c = get_config()  # noqa: F821 - nbgrader defines it

c.CourseDirectory.course_id = "bpteach"

# a student's copy says `...` where code is to go, like the exercises of the lessons
c.ClearSolutions.code_stub = {"python": "# your code here\n..."}

# a cell that does not end is interrupted; it earns nothing, and the next one is run
c.Execute.timeout = 60

# a check that a student has deleted is put back before the grading
c.OverwriteCells.add_missing_cells = True
