"""The web pages: what principals, admins and IT open."""
