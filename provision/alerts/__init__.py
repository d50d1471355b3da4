"""Alerts: whoever the job names is told what is wrong with a site, and that it is over."""

from provision.alerts.tell import tell, tell_unusable

__all__ = ["tell", "tell_unusable"]
