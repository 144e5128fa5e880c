"""The national coordinator: ceremony, enrolment, publication and the registry it serves."""
