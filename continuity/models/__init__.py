from continuity.models.cut import Cut, Grade, SceneProxy
from continuity.models.job import Heartbeat, Job, JobEvent
from continuity.models.media import Asset, Blob, Export, Frame
from continuity.models.money import Budget, Charge, LedgerEntry
from continuity.models.provider import ProviderHealth, ProviderKey
from continuity.models.run import GenerationRun
from continuity.models.scene import Continuity, Shot
from continuity.models.style import Extraction, Style, StyleTemplate
from continuity.models.take import Take, TakeReference

__all__ = [
    "Asset",
    "Blob",
    "Budget",
    "Charge",
    "Continuity",
    "Cut",
    "Export",
    "Extraction",
    "Frame",
    "GenerationRun",
    "Grade",
    "Heartbeat",
    "Job",
    "JobEvent",
    "LedgerEntry",
    "ProviderHealth",
    "ProviderKey",
    "SceneProxy",
    "Shot",
    "Style",
    "StyleTemplate",
    "Take",
    "TakeReference",
]
