"""The local previz renderer behind ``continuity.providers.animatic``: numpy, Pillow and one ffmpeg child, nothing else.

From request to clip: ``attempt`` (the files) → ``direction`` (what the prompt asks for) → ``drift`` (what this take
changes of its own accord) → ``light`` (colours of the hour and weather) → ``street`` / ``room`` / ``landscape`` and
``figure`` (plates, painted once) → ``camera``, ``particles``, ``slate`` (what moves) → ``shot`` (the frames) →
``render`` (the process). Modules of the drawing take and give 8-bit sRGB Pillow pictures or float32 arrays 0-1 of
display-referred sRGB; lengths are pixels of the plate unless their name says otherwise.
"""
