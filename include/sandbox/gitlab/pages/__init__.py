"""Plain pages for people, so that every `web_url` works in a browser: read only, without sign-in."""
