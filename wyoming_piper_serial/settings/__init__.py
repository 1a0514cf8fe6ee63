"""All settings, as frozen dataclasses that declare each option in one place, with the reason for its default.

`cli` creates these objects from the command line, the environment and the config file. The rest of the program uses
only these objects.
"""

from wyoming_piper_serial.settings.http import Http as Http
from wyoming_piper_serial.settings.http import VoiceAlias as VoiceAlias
from wyoming_piper_serial.settings.limits import MEBIBYTE as MEBIBYTE
from wyoming_piper_serial.settings.limits import Limits as Limits
from wyoming_piper_serial.settings.limits import Timeouts as Timeouts
from wyoming_piper_serial.settings.server import DEFAULT_VOICE as DEFAULT_VOICE
from wyoming_piper_serial.settings.server import Downloading as Downloading
from wyoming_piper_serial.settings.server import Logging as Logging
from wyoming_piper_serial.settings.server import Settings as Settings
from wyoming_piper_serial.settings.server import default_download_folder as default_download_folder
from wyoming_piper_serial.settings.sharing import Network as Network
from wyoming_piper_serial.settings.sharing import NetworkPriority as NetworkPriority
from wyoming_piper_serial.settings.sharing import Priority as Priority
from wyoming_piper_serial.settings.sharing import Schedule as Schedule
from wyoming_piper_serial.settings.sharing import Sharing as Sharing
from wyoming_piper_serial.settings.speech import MAX_SEED as MAX_SEED
from wyoming_piper_serial.settings.speech import MAX_SPEED as MAX_SPEED
from wyoming_piper_serial.settings.speech import MIN_SPEED as MIN_SPEED
from wyoming_piper_serial.settings.speech import CodeBlocks as CodeBlocks
from wyoming_piper_serial.settings.speech import Normalize as Normalize
from wyoming_piper_serial.settings.speech import Preset as Preset
from wyoming_piper_serial.settings.speech import SynthesisSettings as SynthesisSettings
from wyoming_piper_serial.settings.speech import TextRules as TextRules
from wyoming_piper_serial.settings.speech import TextSettings as TextSettings
from wyoming_piper_serial.settings.speech import make_preset as make_preset
from wyoming_piper_serial.settings.speech import preset_options as preset_options
