"""Pages about people: signing in, applying, waiting. Called by the browser; they call operations."""
