"""Alerts: whoever the job names is told what is wrong with a site, and that it is over."""
