"""What files of JSON and YAML are read into: records of what they declare and nothing else."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A record: no field too many, no value that is not of its field's very type, none changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class FiniteRecord(Record):
    """A record whose numbers are numbers: neither infinite nor NaN, which JSON has no word for."""

    model_config = ConfigDict(allow_inf_nan=False)
