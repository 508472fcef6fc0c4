"""A month of payments of a Polish operator with known truth: world, noise, a careful person's labels, bank files.

Independent of the matcher on purpose: nothing here imports the kernel that it judges.
"""
