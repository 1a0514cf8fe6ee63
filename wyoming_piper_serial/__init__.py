"""A Wyoming text-to-speech server whose clients share Piper voices.

Importing the package turns off the telemetry of libraries in this process and its children.
"""

import os

__version__ = "0.1.0"

# onnxruntime 1.29 and newer sends usage data to its vendor, with a device ID that it stores in the user's cache folder.
# onnxruntime reads ORT_DISABLE_TELEMETRY when it is imported. The other two variables turn off the telemetry of
# transformers and huggingface_hub, which the Chinese phonemizer uses.
os.environ.update(dict.fromkeys(("ORT_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK"), "1"))
