// SPDX-License-Identifier: BSD-3-Clause
// A program with nothing of its own: a whole folder of sources is linked with what it may use, and
// nothing else. A call of a folder that it may not use does not link.
int main(void)
{
	return 0;
}
