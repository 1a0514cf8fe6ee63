"""Speech, figures and a page over HTTP."""
