"""Widgets: pictures that a reader steps through.

Python computes and lays out every picture, once; the browser only draws the one that is asked for. (SmallNetwork is
the exception: its numbers change at a reader's hand, and `small_network.js` computes as `small_network_numbers` does.)
A picture is a list of marks, one for each SVG element, so that the live picture and the still one are the same.
`widget` has what all widgets share, `marks` the elements of their pictures, `common.js` the frame of their scripts,
with the player and the link to what is shown; a widget's own modules (the stepper's begin with `stepper_`:
`stepper_network` draws its network) lead from its numbers to its picture, its words and its class, each used by the
next. `per_epoch` and `depth_picture` belong to DeltaDepthView, `delta_words` to both δ views, `digit_…` and `drawing`
to DrawDigit, `mini_batch_…` and `loop_and_matrix` to MiniBatchExplorer.
"""

from bpteach.widgets.backprop_stepper import BackpropStepper
from bpteach.widgets.bug_gallery import BugGallery
from bpteach.widgets.delta_depth_view import DeltaDepthView
from bpteach.widgets.delta_view import DeltaView
from bpteach.widgets.draw_digit import DrawDigit
from bpteach.widgets.mini_batch_explorer import MiniBatchExplorer
from bpteach.widgets.small_network import SmallNetwork
from bpteach.widgets.speed_up_view import SpeedUpView

__all__ = [
    "BackpropStepper",
    "BugGallery",
    "DeltaDepthView",
    "DeltaView",
    "DrawDigit",
    "MiniBatchExplorer",
    "SmallNetwork",
    "SpeedUpView",
]
