"""For teachers and maintainers: the lessons as a site, as slides, and as they are stored."""
