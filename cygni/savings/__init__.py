"""What an environment could save: rules that look at what is deployed and how much of it was used.

Pure: what CloudWatch and EC2 say is given to it. An amount is what the changed resources would cost less, by the same
estimators and prices as every plan; nothing is guessed.
"""
