"""What there is once in a database: the installation itself."""

from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from domain.base import REGISTER, Base


class Installation(Base):
    """One row. `epoch` changes whenever the data comes to another place, as by a restore: positions in the stream of
    events of an earlier epoch mean nothing in a later one.
    """

    __tablename__ = "installation"
    __table_args__ = ({"info": REGISTER},)
    epoch: Mapped[UUID] = mapped_column(primary_key=True)
