// SPDX-License-Identifier: BSD-3-Clause
// A program of nothing but one library, which links if that uses what it may.

int main(void)
{
	return 0;
}
