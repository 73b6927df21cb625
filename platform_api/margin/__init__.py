"""What is billed for each project of an organisation, beside what it was estimated to cost on AWS."""
