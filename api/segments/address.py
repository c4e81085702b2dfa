"""A segment's id in an address: `{segment_id:segment}`."""

from uuid import UUID

from starlette.convertors import StringConvertor, register_url_convertor

from api.asked import IdInPath, id_of


class NotPreview(StringConvertor):
    """Any id; or a PUT to the preview would be taken for one to a segment of that name."""

    regex = "(?!preview(?:/|$))[^/]+"


register_url_convertor("segment", NotPreview())


def known_segment(segment_id: IdInPath) -> UUID:
    return id_of(segment_id, "segment")
