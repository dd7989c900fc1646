"""What a picture's own bytes say without being decoded: sides, orientation, and what is missing.

Metadata is read here, within bounds, so that the decoder is given nothing but picture data.
"""
