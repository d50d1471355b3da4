"""A school administration system's PIFU-IMS export, as Visma Flyt Skole and others deliver it."""

from provision.sources.pifu_ims.source import PifuImsSource

__all__ = ["PifuImsSource"]
