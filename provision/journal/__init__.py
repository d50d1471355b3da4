"""The journal. Import it late: it brings SQLAlchemy with it."""

from provision.journal.changes import ChangeRow
from provision.journal.codec import Image
from provision.journal.consent import HoldRow
from provision.journal.journal import Journal
from provision.journal.lease import Lease
from provision.journal.opening import open_journal
from provision.journal.runs import RunRow

__all__ = ["ChangeRow", "HoldRow", "Image", "Journal", "Lease", "RunRow", "open_journal"]
