"""The access log, as the planner sees it."""

from auth.policy import PAGE
from auth.viewer import VIEWER_PREFIX
from domain.access_log import AccessLogEntry
from domain.partner import Partner
from domain.staff import StaffMember
from resolvers.reading.noun import Filter, Noun
from resolvers.reading.words import DOWN, one_id, public_id_by_kind

SUBJECTS = tuple(model.PREFIX for model, page in PAGE.items() if "reveal" in page.acts)

ACCESS_LOG = Noun(
    "AccessLogEntry",
    AccessLogEntry,
    listed_as="AccessLog",
    order="NEWEST",
    orders={"NEWEST": (("id", DOWN),)},
    derived={
        "viewer_id": lambda row: public_id_by_kind(row.viewer_kind, row.viewer_id),
        "subject_id": lambda row: public_id_by_kind(row.subject_kind, row.subject_id),
    },
    filters={
        "subject_id": Filter(("subject_id",), one_id("subject_id", *SUBJECTS)),
        "viewer_id": Filter(("viewer_id",), one_id("viewer_id", StaffMember.PREFIX, Partner.PREFIX, VIEWER_PREFIX)),
    },
)
