"""One file a revision, named by its number; a file once released is never changed."""
