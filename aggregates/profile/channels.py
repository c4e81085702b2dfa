"""How people are reached, and what for."""

from typing import Literal, TypeAlias, get_args

Channel: TypeAlias = Literal["email", "sms", "whatsapp", "push"]
MessageClass: TypeAlias = Literal["marketing", "transactional"]
SendSource: TypeAlias = Literal["campaign", "journey", "automated", "manual"]
Scope: TypeAlias = Literal["address", "channel", "global"]  # how far a no reaches
OnBlock: TypeAlias = Literal["drop", "wait", "exit"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)
ADDRESSED_BY: dict[Channel, str] = {"email": "email", "sms": "phone", "whatsapp": "phone"}
