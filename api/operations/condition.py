"""What this process knows of itself and must tell: that it is stopping, that the disk is full."""

from dataclasses import dataclass


@dataclass
class Condition:
    """Set by whoever learns of it, consulted before work is taken and when readiness is asked.

    `draining`: told to stop; what is under way is finished. `disk_full`: nothing can be stored,
    reading still works.
    """

    draining: bool = False
    disk_full: bool = False
