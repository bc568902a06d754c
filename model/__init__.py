"""Reads crops, trains and loads networks, classifies and evaluates. Torch stays in here.

The rooms, each importing only those after it: assertions, explaining; export, adapting, gap; classifying, training;
learning, evaluation; running, splitting; networks; labelled_folders; reading; decoding.
`pretrained` is the model in the box.
"""
